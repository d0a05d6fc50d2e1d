// SPDX-License-Identifier: Apache-2.0
// Whether a page is whole.
#pragma once

#include <regex>
#include <string>
#include <vector>

namespace evenkeel::test {

// Elements that HTML closes by themselves.
inline bool is_void(const std::string& tag) {
  return tag == "meta" || tag == "br" || tag == "img" || tag == "!doctype";
}

// The text of the first fault, empty for none.
inline std::string unbalanced(const std::string& html) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([!a-zA-Z0-9]+)([^<>]*)>");
  for (std::sregex_iterator at(html.begin(), html.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[2];
    const std::string rest = (*at)[3];
    if (name.starts_with('!') || is_void(name) || rest.ends_with('/')) continue;
    if ((*at)[1].length() == 0) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name)
        return "</" + name + "> after <" + (open.empty() ? "" : open.back()) + ">";
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is open";
}

// Charts that do not say what they show: their tags.
inline std::vector<std::string> silent_charts(const std::string& html) {
  std::vector<std::string> silent;
  for (std::size_t at = html.find("<svg "); at != std::string::npos;
       at = html.find("<svg ", at + 1)) {
    const std::string tag = html.substr(at, html.find('>', at) - at);
    if (tag.find("aria-hidden") == std::string::npos &&
        tag.find("aria-label=\"") == std::string::npos)
      silent.push_back(tag);
  }
  return silent;
}

}  // namespace evenkeel::test
