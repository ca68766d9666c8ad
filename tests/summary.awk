# Reads xunit v3's XML results, one after the other. Prints `passed failed skipped`, or with list=1 each skipped test with its reason and
# the names of failed ones. Each of the `crashed` projects counts as one failure.
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
  }
  test = " " $0
  sub(/>.*/, "", test)
  if (test ~ / result="Skip"/) lines[++count] = "skipped: " attribute(test, "name") ": " reason($0)
  if (test ~ / result="Fail"/) lines[++count] = "FAILED: " attribute(test, "name")
}

END {
  if (!list) print passed + 0, failed + crashed, skipped + 0
  for (i = 1; list && i <= count; i++) print lines[i]
}
