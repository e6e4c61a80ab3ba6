package dev.kvasir.e2e.apiserver;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A key and a certificate for 127.0.0.1, made in memory for one run. The certificate is written out
 * by hand because Java has no public way to make one.
 */
final class LoopbackCertificate {
  private static final byte[] COMMON_NAME = {0x06, 3, 0x55, 4, 3};
  private static final byte[] BASIC_CONSTRAINTS = {0x06, 3, 0x55, 0x1d, 19};
  private static final byte[] ALTERNATIVE_NAMES = {0x06, 3, 0x55, 0x1d, 17};
  private static final byte[] ECDSA_SHA256 = {
    0x06, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2
  };
  private static final byte[] TRUE = {0x01, 1, (byte) 0xff};
  private static final Duration SKEW = Duration.ofHours(1);
  private static final Duration VALID = Duration.ofDays(365);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private final X509Certificate certificate;
  private final SSLContext context;

  private LoopbackCertificate(X509Certificate certificate, SSLContext context) {
    this.certificate = certificate;
    this.context = context;
  }

  static LoopbackCertificate create(Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      byte[] der = sign(toBeSigned(keys, now), keys);
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      return new LoopbackCertificate(certificate, context(keys, certificate));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every Java can make an EC key", e);
    }
  }

  SSLContext context() {
    return context;
  }

  /** The certificate as a kubeconfig holds it. */
  String pemBase64() throws GeneralSecurityException {
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    String pem =
        "-----BEGIN CERTIFICATE-----\n"
            + lines.encodeToString(certificate.getEncoded())
            + "\n-----END CERTIFICATE-----\n";
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }

  private static SSLContext context(KeyPair keys, X509Certificate certificate)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    X509Certificate[] chain = {certificate};
    store.setKeyEntry("server", keys.getPrivate(), new char[0], chain);
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static byte[] toBeSigned(KeyPair keys, Instant now) throws IOException {
    byte[] name =
        tagged(0x30, tagged(0x31, tagged(0x30, COMMON_NAME, text(0x0c, "kvasir-local-cluster"))));
    byte[] validity = tagged(0x30, time(now.minus(SKEW)), time(now.plus(VALID)));
    byte[] serial = new BigInteger(63, new SecureRandom()).add(BigInteger.ONE).toByteArray();
    byte[] localhost = {(byte) 0x87, 4, 127, 0, 0, 1};
    byte[] names = tagged(0x30, localhost, text(0x82, "localhost"));
    byte[] extensions =
        tagged(
            0x30,
            tagged(0x30, BASIC_CONSTRAINTS, TRUE, tagged(0x04, tagged(0x30, TRUE))),
            tagged(0x30, ALTERNATIVE_NAMES, tagged(0x04, names)));
    return tagged(
        0x30,
        tagged(0xa0, tagged(0x02, new byte[] {2})),
        tagged(0x02, serial),
        tagged(0x30, ECDSA_SHA256),
        name,
        validity,
        name,
        keys.getPublic().getEncoded(),
        tagged(0xa3, extensions));
  }

  private static byte[] sign(byte[] body, KeyPair keys)
      throws GeneralSecurityException, IOException {
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(keys.getPrivate());
    signer.update(body);
    byte[] unused = {0};
    return tagged(0x30, body, tagged(0x30, ECDSA_SHA256), tagged(0x03, unused, signer.sign()));
  }

  private static byte[] time(Instant instant) throws IOException {
    return text(0x18, TIME.format(instant));
  }

  private static byte[] text(int tag, String text) throws IOException {
    return tagged(tag, text.getBytes(StandardCharsets.UTF_8));
  }

  /** One DER element: its tag, its length, its content. */
  private static byte[] tagged(int tag, byte[]... parts) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.write(part);
    }
    int length = content.size();
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    if (length < 0x80) {
      element.write(length);
    } else if (length < 0x100) {
      element.write(new byte[] {(byte) 0x81, (byte) length});
    } else {
      element.write(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
    }
    content.writeTo(element);
    return element.toByteArray();
  }
}
