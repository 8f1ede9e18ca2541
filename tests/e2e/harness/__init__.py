# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end and wire tests share: the agent as a process, a scripted AWS, raw HTTP."""
