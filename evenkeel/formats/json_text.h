// SPDX-License-Identifier: Apache-2.0
// JSON text where memory may end. nlohmann's destructor allocates for every array and object that
// is not empty, and a destructor that cannot ends the program; so a value is emptied from its
// leaves on, which allocates nothing, before it goes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace evenkeel {

// Empties arrays and objects, the innermost first.
template <typename Json>
void take_apart(Json& json) noexcept {
  if (!json.is_structured()) return;
  for (Json& child : json) take_apart(child);
  json.clear();
}

// Takes a value apart where it goes out of scope.
template <typename Json>
class TakenApart {
 public:
  explicit TakenApart(Json& json) : json_(json) {}
  ~TakenApart() { take_apart(json_); }
  TakenApart(const TakenApart&) = delete;
  TakenApart& operator=(const TakenApart&) = delete;

 private:
  Json& json_;
};

// `json` as text, indented by `indent` spaces; below 0: on one line. Throws Json::exception for
// text that is not UTF-8.
template <typename Json>
std::string json_text(Json json, int indent = -1) {
  const TakenApart at_end(json);
  return json.dump(indent);
}

// What `read` makes of the value that the text is. Throws Json::exception for what is no JSON.
template <typename Json, typename Text, typename Read>
auto from_json_text(const Text& text, Read read) {
  Json json = Json::parse(text);
  const TakenApart at_end(json);
  return read(static_cast<const Json&>(json));
}

}  // namespace evenkeel
