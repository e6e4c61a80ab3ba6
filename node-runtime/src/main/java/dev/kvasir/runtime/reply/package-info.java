/** What a model's text means: its reasoning, its content and the tools that it calls. */
package dev.kvasir.runtime.reply;
