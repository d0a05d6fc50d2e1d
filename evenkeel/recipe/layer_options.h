// SPDX-License-Identifier: Apache-2.0
// The options of one layer of a recipe, read as the library's options.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evenkeel/model/options.h"
#include "evenkeel/recipe/setting.h"

namespace evenkeel {

// Each gives `otherwise` where the option is not there; InvalidArgument with the layer's place for
// a value of another kind.
class LayerOptions {
 public:
  LayerOptions(std::string type, const SettingTable& table)
      : type_(std::move(type)), table_(table) {}

  bool has(const std::string& key) const { return table_.values.count(key) > 0; }
  std::int64_t whole(const std::string& key, std::int64_t otherwise) const;
  double number(const std::string& key, double otherwise) const;
  bool flag(const std::string& key, bool otherwise) const;
  std::string text(const std::string& key, const std::string& otherwise) const;
  std::vector<std::int64_t> numbers(const std::string& key,
                                    const std::vector<std::int64_t>& otherwise) const;
  // 3, or [3, 5] high and wide.
  Size2 size(const std::string& key, Size2 otherwise) const;
  // "same", "valid", or the four sides [top, bottom, left, right].
  ImagePadding padding() const;
  Activation activation() const;
  // "he_normal", ...; only those without a number.
  InitialValue initial(const std::string& key, Initializer otherwise) const;

  // Its name, in options structs: empty where it is none.
  std::string name() const { return text("name", ""); }
  // Refuses with this layer's place.
  [[noreturn]] void fail(const std::string& text) const;
  void require(const std::string& key) const;

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& expected) const;
  const SettingValue* find(const std::string& key) const;

  std::string type_;
  const SettingTable& table_;
};

}  // namespace evenkeel
