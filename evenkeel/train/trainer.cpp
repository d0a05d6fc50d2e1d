// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/trainer.h"

#include "evenkeel/train/statistics.h"
#include "evenkeel/train/trainer_impl.h"

namespace evenkeel {

Trainer::Trainer(Model model, Loss loss, const Optimizer& optimizer, const TrainerOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), loss, optimizer, options)) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

bool Trainer::fit(const Dataset& data, const FitOptions& options) {
  return impl_->fit(*this, data, options);
}

void Trainer::request_stop() { impl_->stop_ = true; }

Evaluation Trainer::evaluate(const Dataset& data, const EvaluateOptions& options) {
  return impl_->evaluate(data, options);
}

Recalibration Trainer::recalibrate(const Dataset& data, const RecalibrateOptions& options) {
  return impl_->recalibrate(data, options);
}

double Trainer::learning_rate() const { return learning_rate_of(impl_->optimizer_); }

void Trainer::set_learning_rate(double rate) {
  Optimizer changed = impl_->optimizer_;
  evenkeel::set_learning_rate(changed, rate);
  require_valid(changed);
  impl_->optimizer_ = changed;
}

void Trainer::save(const std::filesystem::path& path) const { begin_save(path).finish(); }

StagedSafetensors Trainer::begin_save(const std::filesystem::path& path) const {
  impl_->require_usable();
  return stage_checkpoint(path, impl_->about(), impl_->state_, impl_->predicting_.to_save());
}

void Trainer::restore(const std::filesystem::path& path) {
  impl_->restore(Checkpoint::read(path), path);
}
void Trainer::restore(Checkpoint checkpoint, const std::filesystem::path& path) {
  impl_->restore(std::move(checkpoint), path);
}
std::map<std::string, std::string>& Trainer::notes() { return impl_->notes_; }
const Model& Trainer::model() const { return impl_->model_; }
Loss Trainer::loss() const { return impl_->loss_; }
const Optimizer& Trainer::optimizer() const { return impl_->optimizer_; }
std::int64_t Trainer::completed_steps() const { return impl_->step_; }
const TrainerOptions& Trainer::options() const { return impl_->options_; }
int Trainer::threads() const { return impl_->machine_.threads; }

Tensor Trainer::state(const std::string& name) const {
  impl_->require_usable();
  return impl_->state_.get(name);
}

Tensor Trainer::predicting_state(const std::string& name) const {
  impl_->require_usable();
  const auto& replaced = impl_->predicting_.now(impl_->options_.statistics);
  const auto found = replaced.find(name);
  return found == replaced.end() ? impl_->state_.get(name) : found->second;
}

void Trainer::set_state(const std::string& name, const Tensor& tensor) {
  impl_->require_usable();
  if (const std::string fault = statistic_fault(impl_->network_, name, tensor); !fault.empty())
    throw InvalidArgument(name, fault);
  impl_->state_.set(name, tensor);
}

std::vector<std::string> Trainer::state_names() const {
  std::vector<std::string> names;
  for (const StateStore::Entry& entry : impl_->state_.entries())
    if (!entry.name.starts_with(kAccumulated)) names.push_back(entry.name);
  return names;
}

const Plan& Trainer::plan(std::int64_t batch_size) {
  return impl_->executor({batch_size, impl_->fed(Labels::classes)}).plan();
}

void Trainer::start_profile() {
  impl_->profiling_ = true;
  for (auto& [batch, executor] : impl_->executors_) executor.start_profile();
}

const Profile* Trainer::profile() const {
  const auto found = impl_->executors_.find(impl_->last_plan_);
  if (found == impl_->executors_.end() || !found->second.profile()) return nullptr;
  return &*found->second.profile();
}

}  // namespace evenkeel
