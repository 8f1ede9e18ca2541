// SPDX-License-Identifier: Apache-2.0
// Keeps glibc to the look-up modules that are part of it. Thread-safe.
#pragma once

namespace sma::aws {

/// Call before the first host or user look-up. A static glibc would otherwise load whatever modules nsswitch.conf
/// names, built for another glibc perhaps.
void use_built_in_lookups();

}  // namespace sma::aws
