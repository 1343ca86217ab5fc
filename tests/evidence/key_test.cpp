#include "evidence/key.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

using namespace annexa::evidence;

TEST_CASE("published vectors of Ed25519 (RFC 8032 section 7.1)") {
    struct Vector {
        const char* seed;
        const char* key;
        const char* message;
        const char* signature;
    };
    const auto vector = GENERATE(Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33b"
                                        "acc61e39701cf9b46bd25bf5f0595bbe24"
                                        "655141438e7a100b"},
                                 Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                                        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e1599"
                                        "6e458f3613d0f11d8c387b2eaeb4302aee"
                                        "b00d291612bb0c00"});
    const PrivateKey key = PrivateKey::from_seed(from_hex(vector.seed));
    CHECK(to_hex(key.public_key().raw()) == vector.key);
    CHECK(to_hex(key.sign(from_hex(vector.message)).view()) == vector.signature);
    CHECK(key.public_key().verify(from_hex(vector.message), Signature::from_bytes(from_hex(vector.signature))));
}

TEST_CASE("keys travel and rest in their published forms") {
    const PrivateKey key = PrivateKey::generate();
    const std::string pem = key.pem();
    CHECK(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const PrivateKey again = PrivateKey::from_pem(pem);
    CHECK(again.public_key() == key.public_key());
    CHECK(key.public_key().verify("x", again.sign("x")));

    const PublicKey& half = key.public_key();
    CHECK(half.spki().size() == 44);
    CHECK(PublicKey::from_spki(half.spki()) == half);
    CHECK(PublicKey::from_base64(half.base64()) == half);
    CHECK(half.id() == sha256(half.spki()));
}

TEST_CASE("RFC 8410's example key reads") {
    const PrivateKey key = PrivateKey::from_pem(
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END "
        "PRIVATE KEY-----\n");
    CHECK(key.public_key().base64() == "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
}

TEST_CASE("what is no Ed25519 key is refused") {
    CHECK_THROWS_AS(PrivateKey::from_pem(""), error);
    CHECK_THROWS_AS(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), error);
    // P-256, and an encrypted key, for which OpenSSL would ask the terminal
    CHECK_THROWS_WITH(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\n"
                                           "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
                                           "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
                                           "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
                                           "-----END PRIVATE KEY-----\n"),
                      "this private key is not an Ed25519 key");
    CHECK_THROWS_AS(PublicKey::from_raw(std::string(31, 'x')), format_error);
    CHECK_THROWS_AS(PublicKey::from_spki(std::string(44, 'x')), format_error);
    const std::string der = PrivateKey::generate().public_key().spki();
    CHECK_THROWS_AS(PublicKey::from_spki(der + "x"), format_error);
    CHECK_THROWS_AS(PublicKey::from_spki(der.substr(1)), format_error);
}

TEST_CASE("a key of small order, under which one signature fits many messages, is refused") {
    const auto hex = GENERATE(as<std::string>{}, "0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000080",
                              "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    CHECK_THROWS_AS(PublicKey::from_raw(from_hex(hex)), format_error);
}

TEST_CASE("any flipped bit of message, signature or key fails") {
    const PrivateKey key = PrivateKey::generate();
    const std::string message = "what was signed";
    const Signature signature = key.sign(message);
    REQUIRE(key.public_key().verify(message, signature));
    const auto flip = [](std::string bytes, std::size_t bit) {
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        return bytes;
    };
    for (std::size_t bit = 0; bit < message.size() * 8; ++bit)
        CHECK_FALSE(key.public_key().verify(flip(message, bit), signature));
    for (std::size_t bit = 0; bit < 512; ++bit)
        CHECK_FALSE(key.public_key().verify(message, Signature::from_bytes(flip(std::string{signature.view()}, bit))));
    for (std::size_t bit = 0; bit < 256; ++bit)
        CHECK_FALSE(PublicKey::from_raw(flip(std::string{key.public_key().raw()}, bit)).verify(message, signature));
}
