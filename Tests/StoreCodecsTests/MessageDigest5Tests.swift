import StoreCodecs
import Testing

struct MessageDigest5Tests {
    // The test suite of RFC 1321, appendix A.5.
    @Test(
        "MD5 gives the digests of RFC 1321",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ])
    func vectors(text: String, expected: String) {
        let digest = MessageDigest5.digest(of: Array(text.utf8))
        #expect(Hexadecimal.encode(digest) == expected)
    }
}
