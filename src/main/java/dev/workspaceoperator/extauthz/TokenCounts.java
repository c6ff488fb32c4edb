package dev.workspaceoperator.extauthz;

/**
 * What a model has counted, in tokens.
 *
 * @param input without those of the cache
 * @param output with what it thought
 * @param cacheRead read from its cache
 * @param cacheWrite written to its cache
 */
record TokenCounts(long input, long output, long cacheRead, long cacheWrite) {
  long allInput() {
    return input + cacheRead + cacheWrite;
  }
}
