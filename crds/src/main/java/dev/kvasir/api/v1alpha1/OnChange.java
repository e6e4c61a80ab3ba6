package dev.kvasir.api.v1alpha1;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The consequence of changing a field. Every leaf of the spec carries one; the fields with {@link
 * Consequence#REPLACE_PODS} are also the ones that the hash of a pod template is made of.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OnChange {
  Consequence value();
}
