// SPDX-License-Identifier: Apache-2.0
// What the process asks of the kernel before it holds a secret.
#pragma once

namespace sma {

/// No core files, no ptrace or /proc/PID/mem by the same user, files made without access
/// for others, SIGPIPE ignored, as many descriptors as the hard limit allows. Call first, from main(), on one thread.
void harden_process() noexcept;

}  // namespace sma
