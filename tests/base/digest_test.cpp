#include "base/digest.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/encoding.hpp"

using namespace base;

// FIPS 180-2, appendix B.
TEST(Sha256, FollowsThePublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(hex(sha256("abc")), sha256_hex("abc"));
}

// RFC 4231, test cases 1 to 4, 6 and 7.
TEST(HmacSha256, FollowsTheVectorsOfRfc4231) {
  auto const mac = [](std::string const& key, std::string const& text) {
    return hex(hmac_sha256(key, text));
  };
  EXPECT_EQ(mac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  EXPECT_EQ(mac(counting, std::string(50, '\xcd')),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(mac(std::string(131, '\xaa'),
                "This is a test using a larger than block-size key and a larger than block-size data. The "
                "key needs to "
                "be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256, IsTheSameUnderAKeyAgainHoweverManyWereBetween) {
  std::vector<std::string> first;
  for (int round = 0; round < 3; ++round)
    for (std::size_t key = 0; key < 7; ++key)
      for (auto const* text : {"", "a text"}) {
        auto const mac = hmac_sha256(std::string(key * 20, 'k'), text);
        auto const at = key * 2 + (*text != 0 ? 1U : 0U);
        if (round == 0)
          first.push_back(mac);
        else
          EXPECT_EQ(hex(mac), hex(first[at])) << key << text;
      }
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), first.size());
  for (int again = 0; again < 2; ++again)
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HmacSha256, ForgetsTheLastKeyEvenForAnEmptyOne) {
  hmac_sha256("another key", "x");
  EXPECT_EQ(hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
