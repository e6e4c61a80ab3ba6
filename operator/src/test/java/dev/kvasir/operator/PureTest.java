package dev.kvasir.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;

/** Guards the packages that decide: no cluster, no framework, no clock of their own. */
@AnalyzeClasses(
    packages = "dev.kvasir.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class PureTest {
  private static final String[] PURE = {
    "..inferencedeployment.plan..", "..inferencedeployment.status..", "..rollout..", "..scaling.."
  };

  @ArchTest
  static final ArchRule pureCodeKnowsNoCluster =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8.kubernetes.client..",
              "io.javaoperatorsdk..",
              "io.quarkus..",
              "io.quarkiverse..",
              "jakarta..",
              "io.vertx..",
              "java.net..",
              "io.prometheus..");

  @ArchTest
  static final ArchRule pureCodeIsToldTheTime =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .callMethodWhere(
              JavaCall.Predicates.target(
                  HasName.Predicates.nameMatching("now|currentTimeMillis|nanoTime|systemUTC")))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class);
}
