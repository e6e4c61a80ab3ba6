/**
 * One page for people: the deployments with live charts, the last decisions in words, and a chat
 * box. It reads what the operator knows anyway, and writes nothing.
 */
package dev.kvasir.operator.console;
