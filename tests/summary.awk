# Reads xunit v3's XML results, one after the other. Prints `passed failed skipped`, where each of the `crashed` projects counts as one
# failure; with line=1 the same in words, with the seconds it took; with list=1 each skipped test with its reason and each failed one.
BEGIN { RS = "<test " }

function attribute(text, name) {
  if (!match(text, " " name "=\"[^\"]*\"")) return ""
  text = substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
  gsub(/\\/, "", text); gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&#39;|&apos;/, "'", text); gsub(/&amp;/, "\\&", text)
  return text
}

function reason(text) {
  if (!match(text, /<reason><!\[CDATA\[/)) return "no reason given"
  text = substr(text, RSTART + RLENGTH)
  sub(/\]\]><\/reason>.*/, "", text)
  gsub(/[ \r\n]+/, " ", text); gsub(/\\/, "", text)
  return text
}

{
  rest = $0
  while (match(rest, /<assembly [^>]*>/)) {
    element = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    passed += attribute(element, "passed"); failed += attribute(element, "failed") + attribute(element, "errors"); skipped += attribute(element, "skipped")
    seconds += attribute(element, "time")
  }
  test = " " $0
  sub(/>.*/, "", test)
  if (test ~ / result="Skip"/) lines[++count] = "skipped: " attribute(test, "name") ": " reason($0)
  if (test ~ / result="Fail"/) lines[++count] = "FAILED: " attribute(test, "name")
}

END {
  if (list) for (i = 1; i <= count; i++) print lines[i]
  else if (line) printf "%5d passed, %d failed, %d skipped in %.1f s\n", passed, failed, skipped, seconds
  else print passed + 0, failed + crashed, skipped + 0
}
