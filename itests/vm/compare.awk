# SPDX-License-Identifier: Apache-2.0
#
# Compares answers of two devices, and the differences with those that are known:
#
#   awk -f compare.awk differences.tsv kernel.txt ours.txt
#
# A row of the table stands for every answer whose name its pattern matches (* for anything, {a,b} for either), and
# each of them must differ.
# Prints a line for each surprise and, last, the counts. Exit status: 0 no surprise, 1 some, 2 nothing to compare.
BEGIN { FS = "\t"; NOT_ASKED = "not asked" }

/^#/ || /^$/ { next }

FILENAME == ARGV[1] {
    if (FNR == 1) next # the names of the columns
    if (NF != 4) surprise(FILENAME ":" FNR ": not four columns")
    rows++
    pattern[rows] = $1
    regex[rows] = as_regex($1)
    kernel_says[rows] = $2
    ours_says[rows] = $3
    next
}

{
    end_of_name = index($0, ": ")
    name = substr($0, 1, end_of_name - 1)
    answer = substr($0, end_of_name + 2)
    if (!(name in seen)) { seen[name]; names[++count] = name }
    if (FILENAME == ARGV[2]) { if (name in kernel) surprise("twice: " name); kernel[name] = answer; asked_kernel++ }
    else { if (name in ours) surprise("twice: " name); ours[name] = answer; asked_ours++ }
}

function as_regex(glob) {
    gsub(/[.\[\]()+?^$|\\]/, "\\\\&", glob)
    gsub(/\*/, ".*", glob)
    gsub(/{/, "(", glob)
    gsub(/}/, ")", glob)
    gsub(/,/, "|", glob)
    return "^" glob "$"
}

function surprise(text) { print text; surprises++ }

function compare(name,    k, o, row, listed, matches) {
    k = (name in kernel) ? kernel[name] : NOT_ASKED
    o = (name in ours) ? ours[name] : NOT_ASKED
    for (row = 1; row <= rows; row++) {
        if (name !~ regex[row]) continue
        if (k == o) { surprise("no difference any more: " name ": " k " (row " pattern[row] ")"); used[row] = 1 }
        else if (k == kernel_says[row] && o == ours_says[row]) { listed = 1; used[row] = 1 }
    }
    if (k == o) return
    differences++
    if (!listed) surprise("not in the table: " name "\t" k "\t" o)
}

END {
    if (!asked_kernel || !asked_ours) { print "no answers to compare"; exit 2 }
    for (i = 1; i <= count; i++) compare(names[i])
    for (row = 1; row <= rows; row++) if (!used[row]) surprise("nothing differs so any more: " pattern[row])
    printf "%d answers, %d differ in %d ways that are known, %d surprises\n", count, differences, rows, surprises
    exit surprises > 0
}
