/** The operator: turns an InferenceDeployment into pods that serve it. */
package dev.kvasir.operator;
