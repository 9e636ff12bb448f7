"""Short facts: what a question asks for, pulled out of the words of the quotes that answer it."""
