// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/alternative.h"

#include <array>
#include <charconv>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"

namespace evenkeel::compare {
namespace {

struct NamedKind {
  NormKind kind;
  std::string_view name;
  bool numbered;
};

constexpr std::array<NamedKind, 7> kKindsOfAlternatives = {{
    {NormKind::none, "none", false},
    {NormKind::batch, "batch", false},
    {NormKind::ghost, "ghost", true},
    {NormKind::layer, "layer", false},
    {NormKind::group, "group", true},
    {NormKind::never_updated, "never-updated", false},
    {NormKind::divide_by_variance, "divide-by-variance", false},
}};

constexpr std::array<std::pair<Place, std::string_view>, 3> kPlaces = {{
    {Place::as_written, "as-written"},
    {Place::before, "before"},
    {Place::after, "after"},
}};

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::int64_t parse_number(const std::string& where, std::string_view kind, std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && at == end && number >= 1 && number <= (1 << 30)) return number;
  throw InvalidArgument(where, "expected a number of at least 1 behind '" + std::string(kind) +
                                   ":', as in " + std::string(kind) + ":8, got " + quoted(text));
}

}  // namespace

Norm parse_norm(const std::string& where, std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (const NamedKind& known : kKindsOfAlternatives) {
    if (known.name != name) continue;
    if (known.numbered)
      return {known.kind,
              parse_number(where, name, colon == text.npos ? "" : text.substr(colon + 1))};
    if (colon != text.npos)
      throw InvalidArgument(where,
                            "expected " + quoted(name) + " without a number, got " + quoted(text));
    return {known.kind, 0};
  }
  std::string list;
  std::vector<std::string> names;
  for (const NamedKind& known : kKindsOfAlternatives) {
    names.emplace_back(known.name);
    list += (list.empty() ? "" : ", ") + names.back() + (known.numbered ? ":N" : "");
  }
  throw InvalidArgument(
      where, "expected one of " + list + ", got " + quoted(text) + did_you_mean(name, names));
}

std::string to_string(const Norm& norm) {
  for (const NamedKind& known : kKindsOfAlternatives) {
    if (known.kind != norm.kind) continue;
    std::string text(known.name);
    return known.numbered ? text + ":" + std::to_string(norm.number) : text;
  }
  return "";
}

Place parse_place(const std::string& where, std::string_view text) {
  std::vector<std::string> names;
  for (const auto& [place, name] : kPlaces) {
    if (name == text) return place;
    names.emplace_back(name);
  }
  throw InvalidArgument(where, "expected one of as-written, before, after, got " + quoted(text) +
                                   did_you_mean(text, names));
}

std::string_view to_string(Place place) {
  for (const auto& [known, name] : kPlaces)
    if (known == place) return name;
  return "";
}

bool has_moving_statistics(NormKind kind) {
  return kind == NormKind::batch || kind == NormKind::ghost || kind == NormKind::divide_by_variance;
}

}  // namespace evenkeel::compare
