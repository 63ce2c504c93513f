#include "app/options.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

using testing::HasSubstr;
using Variables = std::map<std::string, std::string, std::less<>>;

// Two commands with a few options, and what they were filled with.
struct Program {
  std::uint64_t count = 0;
  std::string queue = "default";
  std::string config;
  bool create = false;
  double rate = 0;
  std::vector<std::string> files;
  std::vector<app::Command> commands;

  Program() {
    app::Command send("producer", "send", "Send.");
    send.heading("Options");
    send.whole("count", "N", count, 1, 100, "how many");
    send.text("queue", "URI", queue, "where");
    send.flag("create", create, "make it");
    send.text("config", "FILE", config, "file");
    send.texts("manifest", "FILE", files, "again");
    commands.push_back(send);
    app::Command audit("producer", "audit", "Audit.");
    audit.decimal("rate", "R", rate, "how fast");
    audit.text("config", "FILE", config, "file");
    commands.push_back(audit);
  }
  base::Result<app::Parsed> parse(std::vector<char const*> words, Variables variables = {}) {
    words.insert(words.begin(), "producer");
    return app::parse("producer", commands, static_cast<int>(words.size()), words.data(),
                      base::Environment(std::move(variables)));
  }
};

class File {
 public:
  explicit File(std::string const& text)
      : path_(std::filesystem::temp_directory_path() /
              ("options_test_" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Options, TakeTheFirstCommandWhereNoneIsNamed) {
  Program program;
  auto const parsed = program.parse({"--count", "5"});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->command->name(), "send");
  EXPECT_EQ(program.count, 5U);
}

TEST(Options, TakeTheNamedCommand) {
  Program program;
  auto const parsed = program.parse({"audit", "--rate", "1.5"});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->command->name(), "audit");
  EXPECT_DOUBLE_EQ(program.rate, 1.5);
}

TEST(Options, LetTheCommandLineWinOverTheEnvironmentAndThatOverTheFile) {
  File const file("count = 1\nqueue = \"from file\"\ncreate = true\n");
  Program program;
  auto const parsed = program.parse({"--config", file.path().c_str(), "--count", "3"},
                                    {{"EDW_COUNT", "2"}, {"EDW_QUEUE", "from environment"}});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(program.count, 3U);
  EXPECT_EQ(program.queue, "from environment");
  EXPECT_TRUE(program.create);
  EXPECT_EQ(parsed->command->origin("count"), "--count");
  EXPECT_EQ(parsed->command->origin("queue"), "EDW_QUEUE in the environment");
  EXPECT_EQ(parsed->command->origin("create"), "create in " + file.path());
}

TEST(Options, LetTheProgramsOwnTableWinOverTheTop) {
  File const file("count = 1\n[producer]\ncount = 9\n[consumer]\nanything = 1\n");
  Program program;
  ASSERT_TRUE(program.parse({"--config", file.path().c_str()}).has_value());
  EXPECT_EQ(program.count, 9U);
}

TEST(Options, LetTheProgramsOwnTableReplaceARepeatableOption) {
  File const file("manifest = [\"top\"]\n[producer]\nmanifest = [\"one\", \"two\"]\n");
  Program program;
  ASSERT_TRUE(program.parse({"--config", file.path().c_str()}).has_value());
  EXPECT_THAT(program.files, testing::ElementsAre("one", "two"));
}

TEST(Options, TakeDecimalsOfTheFileExactly) {
  for (auto const& [text, value] : {std::pair("12345.67", 12345.67), {"1000000.0", 1e6}, {"0.001", 0.001}}) {
    File const file(std::string("rate = ") + text);
    Program program;
    auto const parsed = program.parse({"audit", "--config", file.path().c_str()});
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_DOUBLE_EQ(program.rate, value);
  }
}

TEST(Options, IgnoreKeysOfTheProgramsOtherCommands) {
  File const file("rate = 5\n");
  Program program;
  EXPECT_TRUE(program.parse({"--config", file.path().c_str()}).has_value());
}

TEST(Options, NameTheOptionAndItsOriginInEveryComplaint) {
  struct Case {
    std::vector<char const*> words;
    Variables variables;
    std::string file;
    std::string says;
  };
  std::vector<Case> const cases{
      {{"--count", "x"}, {}, "", "--count: \"x\" is not a whole number"},
      {{},
       {{"EDW_COUNT", "101"}},
       "",
       "EDW_COUNT in the environment: \"101\" is more than the most allowed, 100"},
      {{}, {}, "count = \"x\"", "count in "},
      {{}, {}, "coutn = 1", "did you mean count?"},
      {{}, {}, "count = [1]", "count in "},
      {{}, {}, "count = {a = 1}", "count in "},
      {{"--config", "/"}, {}, "", "--config: \"/\" is a folder"},
      {{}, {{"EDW_CONFIG", "/nowhere/edw.toml"}}, "", "EDW_CONFIG in the environment: \"/nowhere/edw.toml\""},
      {{}, {}, "count = ", "line 1"},
      {{"--cuont", "1"}, {}, "", "did you mean --count?"},
      {{"--what"}, {}, "", "--what: producer send has no such option"},
      {{"audit", "--count=1"}, {}, "", "--count=1: producer audit has no such option; producer send has it"},
      {{"sned"}, {}, "", "\"sned\" is no command of producer: use one of send, audit"},
      {{"--count", "1", "--count", "2"}, {}, "", "--count is given 2 times"},
      {{"--count"}, {}, "", "--count"},
      {{"--queue", ""}, {}, "", "--queue: \"\" is empty"},
      {{"--create=maybe"}, {}, "", "--create"},
  };
  for (auto const& each : cases) {
    Program program;
    File const file(each.file);
    auto words = each.words;
    auto const path = file.path();
    if (!each.file.empty()) words.insert(words.end(), {"--config", path.c_str()});
    auto const parsed = program.parse(words, each.variables);
    ASSERT_TRUE(parsed.has_error()) << each.says;
    EXPECT_THAT(parsed.error().message, HasSubstr(each.says));
    EXPECT_THAT(parsed.error().message, testing::Not(HasSubstr("\n")));
  }
}

TEST(Options, SayThatTheFileCannotBeRead) {
  Program program;
  auto const parsed = program.parse({"--config", "/nowhere/edw.toml"});
  ASSERT_TRUE(parsed.has_error());
  EXPECT_THAT(parsed.error().message, HasSubstr("/nowhere/edw.toml"));
}

TEST(Options, WarnOfAVariableThatIsNearlyAnOption) {
  Program program;
  auto const parsed = program.parse({}, {{"EDW_QUEU", "x"}, {"EDW_SERVICE_HOST", "10.0.0.1"}});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_THAT(parsed->warnings, testing::ElementsAre(HasSubstr("EDW_QUEUE")));
}

TEST(Options, CollectARepeatableOption) {
  Program program;
  ASSERT_TRUE(program.parse({"--manifest", "a", "--manifest", "b"}).has_value());
  EXPECT_THAT(program.files, testing::ElementsAre("a", "b"));
}

TEST(Options, TeachByHelp) {
  Program program;
  auto const parsed = program.parse({"--help"});
  ASSERT_TRUE(parsed.has_value());
  ASSERT_TRUE(parsed->print.has_value());
  EXPECT_THAT(*parsed->print, HasSubstr("Usage: producer [send] [OPTIONS]"));
  EXPECT_THAT(*parsed->print, HasSubstr("producer audit"));
  EXPECT_THAT(*parsed->print, HasSubstr("--count N"));
  EXPECT_THAT(*parsed->print, HasSubstr("EDW_MAX_RECEIVES"));
}

}  // namespace
