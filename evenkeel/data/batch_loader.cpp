// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/batch_loader.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/float_mode.h"

namespace evenkeel {

void gather_augmented(const Dataset& data, std::span<const std::int64_t> indices,
                      const Augmentation& augmentation, std::uint64_t seed, std::int64_t step,
                      std::int64_t first_place, std::span<std::uint8_t> out,
                      const std::stop_token& stop) {
  if (!augmentation.any()) return gather(data, indices, out, {});
  const auto bytes = static_cast<std::size_t>(data.image_bytes());
  if (out.size() != indices.size() * bytes)
    throw InvalidArgument(data.name(), "expected room for " +
                                           std::to_string(indices.size() * bytes) +
                                           " bytes of images, got " + std::to_string(out.size()));
  for (std::size_t i = 0; i < indices.size() && !stop.stop_requested(); ++i)
    augment(augmentation, seed, step, first_place + static_cast<std::int64_t>(i),
            data.image_shape(), data.image(indices[i]), out.subspan(i * bytes, bytes));
}

namespace {

// Room for one batch. While it is `making`, only the thread that makes it touches `batch`, then
// only the one that waits for it.
struct Slot {
  enum class State { empty, making, ready };
  State state = State::empty;
  std::int64_t number = -1;  // -1 and `making`: nobody wants it any more
  LoadedBatch batch;
  std::exception_ptr error;
};

}  // namespace

struct BatchLoader::Impl {
  Impl(Make by, std::int64_t first, std::int64_t behind, int ahead)
      : make(std::move(by)),
        end(behind),
        in_use(first),
        next(first),
        slots(static_cast<std::size_t>(ahead) + 1) {}
  ~Impl() {
    for (std::jthread& thread : threads) thread.request_stop();  // all before the first is joined
  }

  Slot& slot(std::int64_t number) { return slots[static_cast<std::size_t>(number) % slots.size()]; }
  // Forgets what is made and goes on from there.
  void restart(std::int64_t number) {
    next = number;
    for (Slot& each : slots) {
      each.number = -1;
      if (each.state == Slot::State::ready) each.state = Slot::State::empty;
    }
  }
  // The batch in use keeps its room, and so does one that is still being made.
  bool may_begin() {
    return next < end && next - in_use < static_cast<std::int64_t>(slots.size()) &&
           slot(next).state != Slot::State::making;
  }
  void work(const std::stop_token& stop);

  const Make make;
  const std::int64_t end;
  std::mutex mutex;                        // of all that follows
  std::condition_variable_any changed;     // a slot is ready, or there is room for another batch
  std::int64_t in_use;                     // the batch that was asked for last
  std::int64_t next;                       // from in_use to next - 1: made, or being made
  std::vector<Slot> slots;                 // batch n is in slot n % size
  std::vector<std::jthread> threads = {};  // last: joined while the others still are
};

void BatchLoader::Impl::work(const std::stop_token& stop) {
  const DefaultFloatMode mode;
  std::unique_lock lock(mutex);
  while (changed.wait(lock, stop, [&] { return may_begin(); }) && !stop.stop_requested()) {
    const std::int64_t number = next++;
    Slot& mine = slot(number);
    mine.state = Slot::State::making;
    mine.number = number;
    lock.unlock();
    std::exception_ptr error;
    try {
      make(number, mine.batch, stop);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    mine.error = error;
    mine.state = mine.number == number ? Slot::State::ready : Slot::State::empty;
    changed.notify_all();
  }
}

BatchLoader::BatchLoader(Make make, std::int64_t first, std::int64_t end,
                         const BatchLoaderOptions& options) {
  if (options.threads < 1)
    throw InvalidArgument("loaders", "expected at least 1 thread that makes batches ready, got " +
                                         std::to_string(options.threads));
  if (options.ahead < 1)
    throw InvalidArgument("loaders",
                          "expected at least 1 batch ahead, got " + std::to_string(options.ahead));
  if (first < 0)
    throw InvalidArgument("loaders",
                          "expected a first batch of at least 0, got " + std::to_string(first));
  impl_ = std::make_unique<Impl>(std::move(make), first, end, options.ahead);
  try {
    for (int i = 0; i < options.threads; ++i)
      impl_->threads.emplace_back(
          [impl = impl_.get()](const std::stop_token& stop) { impl->work(stop); });
  } catch (const std::system_error& error) {
    throw RuntimeFailure("loaders", "expected " + std::to_string(options.threads) +
                                        " more thread(s), the system gave only " +
                                        std::to_string(impl_->threads.size()) + ": " +
                                        error.what());
  }
}

BatchLoader::~BatchLoader() = default;

const LoadedBatch& BatchLoader::wait(std::int64_t number) {
  Impl& impl = *impl_;
  if (number < 0 || number >= impl.end)
    throw InvalidArgument("batch", "expected one from 0 to " + std::to_string(impl.end - 1) +
                                       ", got " + std::to_string(number));
  std::unique_lock lock(impl.mutex);
  if (number < impl.in_use || number > impl.next) impl.restart(number);
  impl.in_use = number;
  impl.changed.notify_all();
  Slot& slot = impl.slot(number);
  impl.changed.wait(lock,
                    [&] { return slot.state == Slot::State::ready && slot.number == number; });
  if (!slot.error) return slot.batch;
  const std::exception_ptr error = std::exchange(slot.error, nullptr);
  impl.restart(number);
  std::rethrow_exception(error);
}

}  // namespace evenkeel
