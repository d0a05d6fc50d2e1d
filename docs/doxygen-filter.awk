#!/usr/bin/awk -f
# SPDX-License-Identifier: Apache-2.0
# What our headers say in plain comments, as Doxygen reads it: comments on lines of their own become ///, those behind
# code ///<. The first comment of a file is about the file.
FNR == 1 { first = 1 }
/^\/\/ SPDX/ { print ""; next }
{
  # Angle brackets, @, # and backslashes mean something to Doxygen, and nothing in our comments.
  at = match($0, /(^|[ \t])\/\/( |$)/)
  if (at == 0) {
    if (first && $0 !~ /^$/) first = 0
    print
    next
  }
  code = substr($0, 1, RSTART - 1 + (RLENGTH > 2 && substr($0, RSTART, 1) != "/" ? 1 : 0))
  comment = substr($0, length(code) + 3)
  gsub(/&/, "\\&amp;", comment)
  gsub(/</, "\\&lt;", comment)
  gsub(/>/, "\\&gt;", comment)
  gsub(/[\\@#%]/, "\\\\&", comment)
  gsub(/\*/, "\\*", comment)
  gsub(/_/, "\\_", comment)
  gsub(/`/, "\\`", comment)
  gsub(/~/, "\\~", comment)
  gsub(/::/, "\\::", comment)
  if (first && code ~ /^[ \t]*$/) {
    print (first == 1 ? "/// \\file\n///" : "///") comment
    first = 2
  } else if (code ~ /^[ \t]*$/) {
    print code "///" comment
  } else {
    print code "///<" comment
  }
}
