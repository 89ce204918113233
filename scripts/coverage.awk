# Makes docs/coverage.md of what llvm-cov has exported in the format of lcov. Variables: root, the checkout with a slash.

function folder_of(file) {
  if (file ~ /^include\//) return "include/cairn"
  return substr(file, 1, index(file, "/") - 1)
}

# Line numbers in order, as "3, 7–9".
function ranges(numbers, count,    i, text, first) {
  for (i = 1; i <= count; ++i) {
    first = numbers[i]
    while (i < count && numbers[i + 1] == numbers[i] + 1) ++i
    text = text (text == "" ? "" : ", ") first (numbers[i] > first ? "–" numbers[i] : "")
  }
  return text
}

function share(part, whole) {
  return whole == 0 ? "–" : sprintf("%.1f %%", 100 * part / whole)
}

/^SF:/ {
  file = substr($0, 4)
  sub(root, "", file)
  folder = folder_of(file)
  missed = 0
}
/^DA:/ {
  split(substr($0, 4), pair, ",")
  ++lines[folder]
  if (pair[2] > 0) ++lines_hit[folder]
  else missing[++missed] = pair[1]
}
/^BRDA:/ {
  count = split($0, parts, ",")
  ++branches[folder]
  if (parts[count] != "-" && parts[count] > 0) ++branches_hit[folder]
}
/^end_of_record/ {
  if (missed > 0 && folder ~ /^(values|engine|storage|api)$/) gaps[++gap_count] = "- `" file "`: " ranges(missing, missed)
}

END {
  print "# What the tests reach"
  print ""
  print "Written by `scripts/coverage` at commit " commit ": lines and branches that all tests together reach, with clang's source-based"
  print "coverage. Processes that tests kill write nothing, so what only they reach counts as missed. Branches include both ways of every"
  print "condition in a template's every instance."
  print ""
  print "| folder | lines | reached | | branches | reached | |"
  print "|---|---:|---:|---:|---:|---:|---:|"
  count = split("include/cairn values engine storage api check cli", order, " ")
  for (i = 1; i <= count; ++i) {
    f = order[i]
    printf "| `%s` | %d | %d | %s | %d | %d | %s |\n", f, lines[f], lines_hit[f], share(lines_hit[f], lines[f]), branches[f],
      branches_hit[f], share(branches_hit[f], branches[f])
    all_lines += lines[f]; all_lines_hit += lines_hit[f]; all_branches += branches[f]; all_branches_hit += branches_hit[f]
  }
  printf "| all | %d | %d | %s | %d | %d | %s |\n", all_lines, all_lines_hit, share(all_lines_hit, all_lines), all_branches,
    all_branches_hit, share(all_branches_hit, all_branches)
  print ""
  print "## Lines of values/, engine/, storage/ and api/ that no test reaches"
  print ""
  for (i = 2; i <= gap_count; ++i) {
    gap = gaps[i]
    for (j = i; j > 1 && gaps[j - 1] > gap; --j) gaps[j] = gaps[j - 1]
    gaps[j] = gap
  }
  for (i = 1; i <= gap_count; ++i) print gaps[i]
}
