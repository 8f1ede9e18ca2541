// SPDX-License-Identifier: Apache-2.0
#include "emulator/seeds.hpp"

namespace sma::emulator {

const std::string_view kDefaultSeeds = R"toml(
[[secrets]]
name = "example/database"
description = "A user name and a password"
json = { username = "app", password = "correct-horse-battery-staple", host = "db.example.com", port = 5432 }
tags = { environment = "development" }

[[secrets]]
name = "example/api-key"
value = "not-a-real-key-4f1c9a"

[[secrets]]
name = "example/rotated"
versions = [
    { value = "the-old-one", stages = ["AWSPREVIOUS"] },
    { value = "the-new-one", stages = ["AWSCURRENT"] },
]

[[secrets]]
name = "tom/credentials/lab_creds"
json = { username = "admin", password = "lab-only" }

[[secrets]]
name = "example/certificate"
binary = "MIIBAQUAAwEBAP//AQ=="

[[roles]]
arn = "arn:aws:iam::123456789012:role/example-reader"
denied_secrets = ["example/certificate"]
)toml";

}  // namespace sma::emulator
