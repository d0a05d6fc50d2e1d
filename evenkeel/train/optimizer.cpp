// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/optimizer.h"

#include <array>
#include <cmath>
#include <string>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

void require_at_least_0(const char* what, double value) {
  if (!(value >= 0) || !std::isfinite(value))
    throw InvalidArgument(what,
                          "expected a finite number of at least 0, got " + std::to_string(value));
}

void require_fraction(const char* what, double value) {
  if (!(value >= 0 && value < 1))
    throw InvalidArgument(what, "expected at least 0 and below 1, got " + std::to_string(value));
}

void require_epsilon(double value) {
  if (!(value > 0) || !std::isfinite(value))
    throw InvalidArgument("epsilon", "expected a number above 0, got " + std::to_string(value));
}

void require_own(const Adam& adam) {
  require_fraction("beta1", adam.beta1);
  require_fraction("beta2", adam.beta2);
  require_epsilon(adam.epsilon);
}
void require_own(const AdamW& adam) {
  require_fraction("beta1", adam.beta1);
  require_fraction("beta2", adam.beta2);
  require_epsilon(adam.epsilon);
}
void require_own(const Sgd& sgd) {
  require_fraction("momentum", sgd.momentum);
  if (sgd.nesterov && sgd.momentum == 0)
    throw InvalidArgument("nesterov", "expected a momentum above 0 with it, got 0");
}
void require_own(const Rmsprop& rmsprop) {
  require_fraction("decay", rmsprop.decay);
  require_fraction("momentum", rmsprop.momentum);
  require_epsilon(rmsprop.epsilon);
}

void require_own(const Adagrad& adagrad) { require_epsilon(adagrad.epsilon); }
void require_own(const Muon& muon) {
  require_fraction("momentum", muon.momentum);
  if (muon.nesterov && muon.momentum == 0)
    throw InvalidArgument("nesterov", "expected a momentum above 0 with it, got 0");
  require_at_least_0("other factor", muon.other_factor);
}

constexpr auto kDecouples = [](const auto& each) {
  return requires { each.weight_decay; };
};

double decay_in(const auto& optimizer) {
  if constexpr (requires { optimizer.weight_decay; })
    return optimizer.weight_decay;
  else
    return optimizer.l2;
}

}  // namespace

bool DecayRoles::includes(Role role) const {
  switch (role) {
    case Role::parameter:
      return kernels;
    case Role::gamma:
      return gamma;
    case Role::beta:
      return beta;
    case Role::bias:
      return bias;
    default:
      return false;
  }
}

std::string_view name_of(const Optimizer& optimizer) {
  constexpr std::array<std::string_view, std::variant_size_v<Optimizer>> kNames = {
      "adam", "adamw", "sgd", "rmsprop", "adagrad", "muon"};
  return kNames.at(optimizer.index());
}

double learning_rate_of(const Optimizer& optimizer) {
  return std::visit([](const auto& each) { return each.learning_rate; }, optimizer);
}

void set_learning_rate(Optimizer& optimizer, double rate) {
  std::visit([&](auto& each) { each.learning_rate = rate; }, optimizer);
}

double clip_norm_of(const Optimizer& optimizer) {
  return std::visit([](const auto& each) { return each.clip_norm; }, optimizer);
}

double weight_decay_of(const Optimizer& optimizer) {
  return std::visit([](const auto& each) { return decay_in(each); }, optimizer);
}

const DecayRoles& decays_of(const Optimizer& optimizer) {
  return std::visit([](const auto& each) -> const DecayRoles& { return each.decays; }, optimizer);
}

void require_valid(const Optimizer& optimizer) {
  require_at_least_0("learning rate", learning_rate_of(optimizer));
  require_at_least_0("clip norm", clip_norm_of(optimizer));
  require_at_least_0(std::visit(kDecouples, optimizer) ? "weight decay" : "l2",
                     weight_decay_of(optimizer));
  std::visit([](const auto& each) { require_own(each); }, optimizer);
}

}  // namespace evenkeel
