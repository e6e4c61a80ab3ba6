package dev.kvasir.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What may be imported where. */
class PurePackagesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.kvasir.runtime");

  private static final String[] PURE = {
    "dev.kvasir.runtime.scheduler..",
    "dev.kvasir.runtime.kvcache..",
    "dev.kvasir.runtime.sampling..",
    "dev.kvasir.runtime.grammar.."
  };

  @Test
  void purePackagesKnowNoDeviceNoClusterAndNoHttp() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "jcuda..",
            "io.fabric8..",
            "io.quarkus..",
            "java.net..",
            "com.sun.net..",
            "jdk.incubator..",
            "java.lang.foreign..",
            "dev.kvasir.runtime.http..",
            "dev.kvasir.runtime.device..",
            "dev.kvasir.runtime.model..",
            "dev.kvasir.runtime.engine..")
        .check(CLASSES);
  }

  @Test
  void purePackagesTakeTheTimeAsAnArgument() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(CLASSES);
  }

  @Test
  void modelsAskADeviceAndKnowNone() {
    noClasses()
        .that()
        .resideInAPackage("dev.kvasir.runtime.model..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.kvasir.runtime.device.cpu..", "dev.kvasir.runtime.device.cuda..")
        .check(CLASSES);
  }

  @Test
  void onlyTheCudaDeviceImportsJcuda() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.kvasir.runtime.device.cuda..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(CLASSES);
  }
}
