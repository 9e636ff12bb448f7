#!/bin/sh
# The second half of `make demo`: questions with their quotes, then one changed file.
# Usage: sh corpora/demo.sh RAGKIT DEMO_FOLDER   (RAGKIT_CONFIG names the copy of pipelines.yaml)
set -eu
ragkit=$1
demo=$2

show() {
    printf '\n\033[1m$ ragkit'
    for word in "$@"; do
        case $word in *' '*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\033[0m\n'
    "$ragkit" "$@"
}

tell() {
    printf '\n%s\n' "$*"
}

show ask legal "What is the liability cap in the agreement with Calderbrook?"
show ask medical "Which dose of apixaban was Eleanor Whitcombe discharged on?"
tell "The same evidence, now read by the model: every sentence it writes is checked against the sentence it
points at, and kept, repaired, or replaced by that quote. (The starter is no reader: most are replaced.)"
show ask legal "By how much written notice can Adaeze Okafor-Lind end her employment?" --style compose
tell "A question and documents in Spanish:"
show ask medical "¿Por qué le quitaron el tramadol a Remedios Albarracín?"

if command -v tesseract > /dev/null; then
    tell "An answer from a scan: the citation says how sure the reading of that page is."
    show ask legal "For how many months at the start does Bellwether Physiotherapy pay no rent at Gannet Yard?"
fi

tell "A summary of a folder, and of every document in it; each sentence stands word for word in its document."
show summarize legal matters --output "$demo/summaries"
show summarize medical labs

tell "The first night: a report of everything so far. Exit code 3: failures that no report has named before."
show nightly --all || [ $? -eq 3 ]

tell "One file changes: the notes of the Kestrel matter get a new line. The second night tells that alone."
printf '\nUpdate: completion was moved to 30 September 2026 at the request of the borrower.\n' \
    >> "$demo/corpora/legal/documents/matters/kestrel/notes.txt"
show nightly legal
show ask legal "To which date was completion of the Kestrel matter moved?"
show status

tell "A letter is erased: first the file itself, then all that was made of it. Every byte of the store is read through."
rm "$demo/corpora/legal/documents/matters/kestrel/notes.txt"
show purge legal matters/kestrel/notes.txt --certificate "$demo/erased.html"
tell "Who asked what, without a word of it; and whether the record is whole:"
show audit show legal --tail 5
show audit verify legal
tell "That nothing leaves: every packet is watched, first without the guard, then with it. (The whole proof, with an
idle minute: ragkit doctor --prove-offline)"
show doctor --prove-offline --idle 2 --output "$demo/proof.html" || [ $? -eq 4 ]  # 4: not provable on this machine

tell "Now your own files:
  .venv/bin/ragkit init ~/your/folder --config my.yaml
  .venv/bin/ragkit ingest --config my.yaml
  .venv/bin/ragkit ask NAME \"your question\" --config my.yaml"
