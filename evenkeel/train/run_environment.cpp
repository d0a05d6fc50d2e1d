// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_environment.h"

#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_machine.h"
#include "evenkeel/formats/json_text.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char kEnvironmentFile[] = "environment.json";
constexpr std::size_t kMostBytes = std::size_t{1} << 24;

Json session_of(std::int64_t step, int threads) {
  const NumericEnvironment numeric = numeric_environment(threads);
  return {{"started", os::utc_text(os::wall_clock())},
          {"step", step},
          {"version", numeric.version},
          {"instruction_set", numeric.instruction_set},
          {"threads", numeric.threads},
          {"onednn", numeric.onednn},
          {"processor", os::processor_name()},
          {"cores", os::usable_processors()},
          {"system", os::system_name()},
          {"compiler", os::compiler_name()},
          {"host", os::host_name()},
          {"command", os::command_line()}};
}

// An array; empty where there is no file.
Json sessions_in(const fs::path& path) {
  if (!os::file_identity(path)) return Json::array();
  const auto bytes = os::read_file(path, kMostBytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  try {
    return from_json_text<Json>(text, [](const Json& json) {
      Json sessions = json.at("sessions");
      for (const Json& session : sessions)
        if (!session.is_object()) throw Json::other_error::create(600, "no session", nullptr);
      return sessions;
    });
  } catch (const Json::exception& error) {
    throw DataError(path.string(),
                    std::string("expected the sessions of a run as JSON: ") + error.what());
  }
}

}  // namespace

void add_session(const fs::path& folder, std::int64_t step, int threads, const Tell& tell) {
  Json json = {{"sessions", Json::array()}};
  const TakenApart at_end(json);
  try {
    json["sessions"] = sessions_in(folder / kEnvironmentFile);
  } catch (const DataError& error) {
    if (tell) tell(std::string(error.what()) + "; it is begun anew");
  }
  json["sessions"].push_back(session_of(step, threads));
  // A word of the command may be no UTF-8.
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  os::write_file_atomically(folder / kEnvironmentFile, std::as_bytes(std::span(text)));
}

std::vector<Session> read_sessions(const fs::path& folder) {
  Json json = sessions_in(folder / kEnvironmentFile);
  const TakenApart at_end(json);
  std::vector<Session> sessions;
  for (const Json& each : json) {
    const auto step = each.find("step");
    sessions.push_back({text_in(each, "started"),
                        step != each.end() && step->is_number_integer() ? step->get<int64_t>() : 0,
                        text_in(each, "version"), text_in(each, "host")});
  }
  return sessions;
}

}  // namespace evenkeel
