// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/class_names.h"

#include <array>

namespace evenkeel::datasets {
namespace {

constexpr std::array<std::string_view, 10> kFashionMnist = {
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};

// Of the Hiragana that stands for each class.
constexpr std::array<std::string_view, 10> kKmnist = {"o",  "ki", "su", "tsu", "na",
                                                      "ha", "ma", "ya", "re",  "wo"};

constexpr std::array<std::string_view, 10> kCifar10 = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

constexpr std::array<std::string_view, 100> kCifar100 = {
    "apple",       "aquarium fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak tree",     "orange",
    "orchid",      "otter",         "palm tree", "pear",       "pickup truck", "pine tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow tree", "wolf",          "woman",     "worm"};

}  // namespace

std::span<const std::string_view> class_names(std::string_view data_set) {
  if (data_set == "fashion-mnist") return kFashionMnist;
  if (data_set == "kmnist") return kKmnist;
  if (data_set == "cifar10") return kCifar10;
  if (data_set == "cifar100") return kCifar100;
  return {};
}

}  // namespace evenkeel::datasets
