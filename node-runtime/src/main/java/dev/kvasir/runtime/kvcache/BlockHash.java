package dev.kvasir.runtime.kvcache;

/**
 * What a full block holds, told by 128 bits of a cryptographic hash: its tokens, all tokens before
 * them and all else that changes keys and values. Equal hashes are taken for equal contents.
 */
record BlockHash(long high, long low) {}
