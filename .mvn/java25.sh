# Sourced by mvnw, quickstart and the programs' own scripts: sets JAVA_HOME to a JDK 25 or newer, or says what to install.
# An explicit JAVA_HOME of 25 or newer wins; then the `java` on PATH; then the usual places, where 25 itself is preferred.

kvasir_java_major() { # JDK_HOME -> its feature version, or nothing if it is no JDK
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

kvasir_find_java() {
  kvasir_newer=
  for kvasir_home in \
    "${JAVA_HOME:-}" \
    "$(readlink -f "$(command -v javac 2>/dev/null)" 2>/dev/null | sed 's|/bin/javac$||')" \
    "${JAVA_HOME_25_X64:-}" \
    /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/*jdk* /opt/*/*jdk* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* "$HOME"/.local/share/mise/installs/java/* \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$kvasir_home" ] || continue
    kvasir_major=$(kvasir_java_major "$kvasir_home")
    [ -n "$kvasir_major" ] || continue
    if [ "$kvasir_major" -eq 25 ] || { [ "$kvasir_home" = "${JAVA_HOME:-}" ] && [ "$kvasir_major" -gt 25 ]; }; then
      echo "$kvasir_home"
      return 0
    fi
    [ "$kvasir_major" -gt 25 ] && kvasir_newer=$kvasir_home
  done
  echo "$kvasir_newer"
}

JAVA_HOME=$(kvasir_find_java)
if [ -z "$JAVA_HOME" ]; then
  echo "Kvasir needs a JDK 25 (for example Eclipse Temurin 25, https://adoptium.net): install one in a usual place or point JAVA_HOME at it." >&2
  exit 1
fi
export JAVA_HOME
