// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/known_sets.h"

#include <array>
#include <string>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/data/registry.h"

namespace evenkeel::datasets {
namespace {

using Name = std::string_view;

constexpr std::array<Name, 2> kMnistMirrors = {
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/"};

constexpr std::array<Name, 2> kFashionMirrors = {
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"};

constexpr std::array<KnownFile, 4> kMnistFiles = {
    {{"train-images-idx3-ubyte",
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
     {"train-labels-idx1-ubyte",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
     {"t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
     {"t10k-labels-idx1-ubyte",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}};

constexpr std::array<KnownFile, 4> kFashionFiles = {
    {{"train-images-idx3-ubyte",
      "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
     {"train-labels-idx1-ubyte",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
     {"t10k-images-idx3-ubyte", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
     {"t10k-labels-idx1-ubyte",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}}};

constexpr std::array<KnownFile, 4> kKmnistFiles = {{{"train-images-idx3-ubyte"},
                                                    {"train-labels-idx1-ubyte"},
                                                    {"t10k-images-idx3-ubyte"},
                                                    {"t10k-labels-idx1-ubyte"}}};

constexpr std::array<KnownFile, 6> kCifar10Files = {{{"data_batch_1.bin"},
                                                     {"data_batch_2.bin"},
                                                     {"data_batch_3.bin"},
                                                     {"data_batch_4.bin"},
                                                     {"data_batch_5.bin"},
                                                     {"test_batch.bin"}}};

constexpr std::array<KnownFile, 2> kCifar100Files = {{{"train.bin"}, {"test.bin"}}};

constexpr std::array<Name, 1> kMnistFolders = {"mnist"};
constexpr std::array<Name, 1> kFashionFolders = {"fashion-mnist"};
constexpr std::array<Name, 1> kKmnistFolders = {"kmnist"};
// The second is what the authors' archive makes.
constexpr std::array<Name, 2> kCifar10Folders = {"cifar10", "cifar-10-batches-bin"};
constexpr std::array<Name, 2> kCifar100Folders = {"cifar100", "cifar-100-binary"};

constexpr std::array<KnownSet, 5> kSets = {{
    {"mnist",
     "handwritten digits, 28x28 grey, 10 classes: 55,000 train, 5,000 validation, 10,000 test",
     SetFormat::idx, 10, kMnistFiles, kMnistFolders, kMnistMirrors,
     "download it with 'evenkeel data fetch mnist', or put its four files into one of these "
     "folders"},
    {"fashion-mnist",
     "clothes, 28x28 grey, 10 classes: 55,000 train, 5,000 validation, 10,000 test", SetFormat::idx,
     10, kFashionFiles, kFashionFolders, kFashionMirrors,
     "install Debian's package dataset-fashion-mnist, download it with 'evenkeel data fetch "
     "fashion-mnist', or put its four files into one of these folders"},
    {"kmnist",
     "Kuzushiji characters, 28x28 grey, 10 classes: 55,000 train, 5,000 validation, 10,000 test",
     SetFormat::idx,
     10,
     kKmnistFiles,
     kKmnistFolders,
     {},
     "get its four files from http://codh.rois.ac.jp/kmnist/ and put them into one of these "
     "folders"},
    {"cifar10",
     "photographs, 32x32 colour, 10 classes: 45,000 train, 5,000 validation, 10,000 test",
     SetFormat::cifar,
     10,
     kCifar10Files,
     kCifar10Folders,
     {},
     "get the binary version from https://www.cs.toronto.edu/~kriz/cifar.html and unpack it in "
     "the folder above one of these ('tar xzf cifar-10-binary.tar.gz')"},
    {"cifar100",
     "photographs, 32x32 colour, 100 classes: 45,000 train, 5,000 validation, 10,000 test",
     SetFormat::cifar,
     100,
     kCifar100Files,
     kCifar100Folders,
     {},
     "get the binary version from https://www.cs.toronto.edu/~kriz/cifar.html and unpack it in "
     "the folder above one of these ('tar xzf cifar-100-binary.tar.gz')"},
}};

}  // namespace

std::span<const KnownSet> known_sets() { return kSets; }

std::vector<std::string> names() {
  std::vector<std::string> result;
  result.reserve(kSets.size());
  for (const KnownSet& set : kSets) result.emplace_back(set.name);
  return result;
}

const KnownSet& known_set(std::string_view name) {
  std::string known;
  for (const KnownSet& set : kSets) {
    if (set.name == name) return set;
    known += (known.empty() ? "" : ", ") + std::string(set.name);
  }
  throw InvalidArgument("data set '" + std::string(name) + "'",
                        "expected one of " + known + ", a folder of images or an .npz file" +
                            did_you_mean(name, names()));
}

}  // namespace evenkeel::datasets
