// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::compare {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Alternative& alternative) {
  return {{"name", alternative.name},
          {"norm", to_string(alternative.norm)},
          {"place", to_string(alternative.place)},
          {"initial_deviation", alternative.initial_deviation}};
}

Alternative alternative_from(const std::string& where, const Json& json) {
  Alternative alternative;
  json.at("name").get_to(alternative.name);
  alternative.norm = parse_norm(where, json.at("norm").get<std::string>());
  alternative.place = parse_place(where, json.at("place").get<std::string>());
  json.at("initial_deviation").get_to(alternative.initial_deviation);
  return alternative;
}

Study study_from(const std::string& where, const Json& json) {
  Study study;
  json.at("preset").get_to(study.preset);
  json.at("network").get_to(study.network);
  json.at("data").get_to(study.data);
  for (const Json& each : json.at("alternatives"))
    study.alternatives.push_back(alternative_from(where, each));
  json.at("learning_rates").get_to(study.learning_rates);
  json.at("optimizer").get_to(study.optimizer);
  json.at("momentum").get_to(study.momentum);
  json.at("seeds").get_to(study.seeds);
  json.at("steps").get_to(study.steps);
  json.at("batch").get_to(study.batch);
  json.at("evaluations").get_to(study.evaluations);
  if (!json.at("epsilon").is_null()) study.epsilon = json.at("epsilon").get<double>();
  json.at("kernels").get_to(study.kernels);
  study.math = json.value("math", study.math);
  study.isa = json.value("isa", study.isa);  // plans of version 0.1 have none
  json.at("threads").get_to(study.threads);
  return study;
}

}  // namespace

std::string to_json(const Study& study) {
  Json alternatives = Json::array();
  for (const Alternative& alternative : study.alternatives)
    alternatives.push_back(json_of(alternative));
  const Json json = {{"preset", study.preset},
                     {"network", study.network},
                     {"data", study.data},
                     {"alternatives", alternatives},
                     {"learning_rates", study.learning_rates},
                     {"optimizer", study.optimizer},
                     {"momentum", study.momentum},
                     {"seeds", study.seeds},
                     {"steps", study.steps},
                     {"batch", study.batch},
                     {"evaluations", study.evaluations},
                     {"epsilon", study.epsilon ? Json(*study.epsilon) : Json()},
                     {"kernels", study.kernels},
                     {"isa", study.isa},
                     {"math", study.math},
                     {"threads", study.threads}};
  return json.dump();
}

Study study_from_json(const std::string& where, const std::string& text) {
  try {
    return study_from(where, parse_json<Json>(text));
  } catch (const Json::exception& error) {
    throw DataError(where, std::string("expected the plan of a comparison: ") + error.what());
  } catch (const InvalidArgument& error) {
    throw DataError(where, error.what());
  }
}

}  // namespace evenkeel::compare
