// SPDX-License-Identifier: Apache-2.0
// JSON text where memory may end. nlohmann's destructor allocates for every array and object that
// is not empty, and a destructor that cannot ends the program; so a value is emptied from its
// leaves on, which allocates nothing, before it goes.
#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
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

// How deep arrays and objects nest in a text; each is one deeper than what it is in.
inline int nesting_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

// More than any text of ours nests, and few enough for functions that call themselves.
inline constexpr int kDeepestJson = 64;

// Throws Json::exception for what is no JSON, and for what nests deeper than kDeepestJson.
template <typename Json>
Json parse_json(std::string_view text) {
  if (nesting_of(text) > kDeepestJson)
    throw Json::other_error::create(
        599, "it nests deeper than " + std::to_string(kDeepestJson) + " levels", nullptr);
  return Json::parse(text);
}

// null where it is not finite: JSON has no other word for it.
template <typename Json>
Json finite_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

// "" where there is no such text.
template <typename Json>
std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->template get<std::string>() : "";
}

// What `read` makes of the value that the text is; throws as parse_json.
template <typename Json, typename Read>
auto from_json_text(std::string_view text, Read read) {
  Json json = parse_json<Json>(text);
  const TakenApart at_end(json);
  return read(static_cast<const Json&>(json));
}

}  // namespace evenkeel
