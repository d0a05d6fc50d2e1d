// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/verify_splits.h"

#include <algorithm>
#include <array>
#include <string>

#include "evenkeel/data/repeated_images.h"

namespace evenkeel::datasets {
namespace {

constexpr std::array<const char*, 3> kSplits = {"train", "validation", "test"};
constexpr std::size_t kMostPairs = 5;
constexpr std::int64_t kImbalance = 10;  // the largest class by the smallest, from which it is told

// "1 image of test is", "3 images of test are": `verbs` are of one and of several.
std::string count_of(std::int64_t count, const std::string& where,
                     const std::array<const char*, 2>& verbs) {
  return std::to_string(count) + (count == 1 ? " image" : " images") +
         (where.empty() ? "" : " of " + where) + " " + verbs[count == 1 ? 0 : 1];
}

class Checker {
 public:
  Checker(const Splits& splits, Published published, const FileOf& file_of, SetReport& report)
      : sets_{&splits.train, &splits.validation, &splits.test},
        published_(published == Published::yes),
        file_of_(file_of),
        report_(report) {
    report.image_shape = splits.train.image_shape();
    report.class_names = splits.class_names;
    for (std::size_t part = 0; part < sets_.size(); ++part) count_labels(part);
  }

  void check_classes() {
    const auto& trained = report_.parts[0].of_class;
    for (std::size_t part = 0; part < sets_.size(); ++part) {
      if (sets_[part]->size() == 0) continue;
      std::string empty;
      std::int64_t count = 0;
      for (std::size_t c = 0; c < trained.size(); ++c) {
        if (report_.parts[part].of_class[c] > 0) continue;
        if (++count <= 10) empty += (empty.empty() ? "" : ", ") + class_name(c);
      }
      if (count > 10) empty += ", ...";
      if (count > 0)
        add("class", part == 0 && !published_,
            std::string(kSplits[part]) + " has no image of " +
                (count == 1 ? "class " : std::to_string(count) + " classes: ") + empty);
    }
    check_balance(trained);
  }

  void check_repeats() {
    std::array<std::array<std::vector<Repeat>, 3>, 3> by_parts;
    std::vector<Repeat> contradictions;
    for (const Repeat& repeat : repeated_images(sets_)) {
      by_parts[repeat.first.set][repeat.again.set].push_back(repeat);
      if (label_of(repeat.first) != label_of(repeat.again)) contradictions.push_back(repeat);
    }
    if (!contradictions.empty())
      add("labels", !published_,
          count_of(std::ssize(contradictions), "", {"has", "have"}) +
              " another label than the same image elsewhere; one of them is wrong",
          contradictions);
    for (std::size_t first = 0; first < 3; ++first) {
      for (std::size_t again = first; again < 3; ++again) {
        const auto& repeats = by_parts[first][again];
        if (repeats.empty()) continue;
        const std::int64_t count = std::ssize(repeats);
        if (first == again)
          add("duplicate", false,
              count_of(count, kSplits[first], {"repeats another of it", "repeat others of it"}),
              repeats);
        else
          add("leak", !published_,
              count_of(count, kSplits[again], {"is in ", "are in "}) + kSplits[first] +
                  " too: what is measured on them is too good; remove one of each",
              repeats);
      }
    }
  }

 private:
  void count_labels(std::size_t part) {
    PartReport counted{kSplits[part], sets_[part]->size(), {}};
    counted.of_class.resize(static_cast<std::size_t>(sets_[0]->classes()));
    for (const std::int32_t label : sets_[part]->labels())
      ++counted.of_class[static_cast<std::size_t>(label)];
    report_.parts.push_back(std::move(counted));
  }
  void check_balance(const std::vector<std::int64_t>& trained) {
    std::size_t least = trained.size();
    std::size_t most = 0;
    for (std::size_t c = 0; c < trained.size(); ++c) {
      if (trained[c] > 0 && (least == trained.size() || trained[c] < trained[least])) least = c;
      if (trained[c] > trained[most]) most = c;
    }
    if (least == trained.size() || trained[most] < kImbalance * trained[least]) return;
    add("imbalance", false,
        "class " + class_name(most) + " has " + std::to_string(trained[most]) +
            " images to train on, class " + class_name(least) + " only " +
            std::to_string(trained[least]) + "; class weights make up for it");
  }
  std::string class_name(std::size_t c) const {
    return c < report_.class_names.size() ? report_.class_names[c] : std::to_string(c);
  }
  std::int32_t label_of(const Place& place) const {
    return sets_[place.set]->labels()[static_cast<std::size_t>(place.index)];
  }
  ImagePlace place_of(const Place& place) const {
    return {kSplits[place.set], place.index,
            file_of_ ? file_of_(sets_[place.set]->image(place.index)) : std::filesystem::path()};
  }
  void add(const char* kind, bool spoils, const std::string& text,
           const std::vector<Repeat>& repeats = {}) {
    Finding finding{kind, spoils, text, {}, {}};
    for (std::size_t i = 0; i < std::min(kMostPairs, repeats.size()); ++i)
      finding.pairs.push_back({place_of(repeats[i].again), place_of(repeats[i].first)});
    report_.findings.push_back(std::move(finding));
  }

  std::array<const Dataset*, 3> sets_;
  bool published_;
  const FileOf& file_of_;
  SetReport& report_;
};

}  // namespace

void verify_splits(const Splits& splits, Published published, const FileOf& file_of,
                   SetReport& report) {
  Checker checker(splits, published, file_of, report);
  checker.check_classes();
  checker.check_repeats();
}

}  // namespace evenkeel::datasets
