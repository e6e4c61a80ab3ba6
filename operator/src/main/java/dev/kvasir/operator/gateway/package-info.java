/**
 * The gateway: one OpenAI endpoint in front of all deployments, which holds requests while a model
 * has no replica. The same program as the operator in another role.
 */
package dev.kvasir.operator.gateway;
