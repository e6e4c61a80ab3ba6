/**
 * From what replicas say of themselves to how many there should be, and why. No cluster, no clock:
 * time comes with the snapshot. See AUTOSCALING.md beside the operator's README.
 */
package dev.kvasir.operator.scaling;
