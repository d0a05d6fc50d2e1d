// SPDX-License-Identifier: Apache-2.0
// evenkeel lr-find
#include "evenkeel/study/lr_find.h"

#include <fmt/format.h>

#include <iostream>
#include <span>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_machine.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/interrupt.h"
#include "evenkeel/cli/progress_bar.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/report/axis.h"
#include "evenkeel/report/lr_find_report.h"

namespace evenkeel::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kStandardOutput = 1;

void require_picture(const fs::path& out) {
  const fs::path extension = out.extension();
  if (extension != ".html" && extension != ".svg")
    throw InvalidArgument("--out",
                          "expected a file that ends in .html or .svg, got " + out.string());
  if (out.has_parent_path() && !fs::is_directory(out.parent_path()))
    throw InvalidArgument("--out", "expected a folder that is there, got " + out.string());
}

LrFindOptions options_of(const LrFindArguments& arguments, const Recipe& recipe) {
  LrFindOptions options;
  options.from = arguments.from;
  options.to = arguments.to;
  options.steps = arguments.steps;
  options.batch = recipe.batch;
  options.trainer = trainer_options_of(recipe);
  options.trainer.threads = arguments.run.threads.value_or(0);
  options.trainer.statistics = MovingStatistics{};  // nothing is evaluated
  options.trainer.average = {};
  options.augment = augmentation_of(recipe);
  options.accumulate = recipe.accumulate;
  return options;
}

std::string subject_of(const Recipe& recipe, const Dataset& data) {
  return fmt::format("{} on {}, {}, batches of {}, seed {}", recipe.model, data.name(),
                     recipe.optimizer, recipe.batch, recipe.seed);
}

void write_picture(const fs::path& out, const LrFind& find, const std::string& subject) {
  const std::string text =
      out.extension() == ".svg" ? lr_find_svg(find, subject) : lr_find_page(find, subject);
  os::write_file_atomically(out, std::as_bytes(std::span(text)));
}

}  // namespace

int run(const LrFindArguments& arguments) {
  const fs::path out = arguments.out.empty() ? "lr-find.html" : arguments.out;
  require_picture(out);
  const Recipe recipe = resolve(arguments.run, {});
  machine_of(arguments.run.threads, recipe.kernels);  // refuses unknown kernels
  if (!arguments.isa) use_instruction_set(recipe.isa);
  const Optimizer optimizer = optimizer_of(recipe);
  const Loss loss = loss_of(recipe);
  LrFindOptions options = options_of(arguments, recipe);
  const Dataset data =
      load_data(recipe.data.value_or("mnist"), dataset_options_of(recipe, arguments.run.data_dir))
          .train;
  const Interruption interruption;
  ProgressBar bar;
  std::int64_t step = 0;
  options.stop = [&] { return interruption.requested(); };
  options.on_step = [&](const LrPoint& point) {
    bar.show_line(fmt::format("Step {}/{}  rate {}  loss {:.4f}", ++step, options.steps,
                              short_number(point.rate), point.smoothed));
  };
  const LrFind find = lr_find(model_of(recipe, &data), loss, optimizer, data, options);
  bar.clear();
  if (find.end == LrEnd::stopped) {
    notice("interrupted; nothing was written");
    return kInterrupted;
  }
  const std::string subject = subject_of(recipe, data);
  write_picture(out, find, subject);
  if (arguments.json) {
    std::cout << lr_find_json(find) << std::endl;
    return kDone;
  }
  std::cout << subject << "\n\n"
            << lr_find_text(find, os::locale_is_utf8() ? os::terminal_width(kStandardOutput) : 0)
            << out.string() << std::endl;
  return kDone;
}

}  // namespace evenkeel::cli
