"""A network of one's own in which every address leads to an observer, and nothing leads out.

    enclosure.py    the namespaces: made without root, left by nobody, gone with the last process
    netlink.py      every address, IPv4 and IPv6, is delivered to this machine
    capture.py      every packet that is sent in there
    calls.py        every call by which a process asks for the means of a connection
    watching.py     both, in a thread, phase by phase

Packets are what native code cannot hide: it matters not which library, language or process sends
them. Standard library only, Linux only.
"""
