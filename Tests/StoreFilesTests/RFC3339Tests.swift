import StoreFiles
import Testing

@Suite("Times as RFC 3339 writes them")
struct RFC3339Tests {
    @Test(
        "are read to the instant, whatever their offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2026-11-01T12:00:00Z", 1_793_534_400, 0),
            ("2026-11-01T08:30:00.302117046-04:00", 1_793_536_200, 302_117_046),
            ("2026-11-01t08:30:00.5+05:30", 1_793_502_000, 500_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("2024-02-29T23:59:59z", 1_709_251_199, 0),
            ("2016-12-31T23:59:60Z", 1_483_228_800, 0),
            ("1969-12-31T23:59:59.9999999999Z", -1, 999_999_999),
        ])
    func read(text: String, seconds: Int64, nanoseconds: Int32) {
        #expect(
            Timestamp(rfc3339: text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(
        "are refused where anything is missing, extra, or in no calendar",
        arguments: [
            "", "2026", "2026-11-01", "2026-11-01T12:00:00", "2026-11-01 12:00:00Z",
            "2026-11-01T12:00:00Z ", "2026-13-01T12:00:00Z", "2026-02-29T12:00:00Z",
            "2026-04-31T12:00:00Z", "2026-11-00T12:00:00Z", "2026-11-01T24:00:00Z",
            "2026-11-01T12:60:00Z", "2026-11-01T12:00:61Z", "2026-11-01T12:00:00.Z",
            "2026-11-01T12:00:00+0400", "2026-11-01T12:00:00+24:00", "+026-11-01T12:00:00Z",
            "2026-11-01T12:00:00+04:60", "2026-11-01T12:00Z",
        ])
    func refuse(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("come back from every day of eight centuries, first and last seconds included")
    func everyDay() {
        // From 1600-01-01 to past 2400-01-01: both kinds of century.
        for day in Int64(-135_140)...157_100 {
            for second in [day * 86_400, day * 86_400 + 86_399] {
                let time = Timestamp(seconds: second, nanoseconds: 120)
                if Timestamp(rfc3339: time.rfc3339) != time {
                    Issue.record("\(time) was written \(time.rfc3339)")
                    return
                }
            }
        }
    }

    @Test("are written in UTC, decimals only as far as they go")
    func written() {
        #expect(Timestamp(seconds: 1_793_534_400).rfc3339 == "2026-11-01T12:00:00Z")
        #expect(
            Timestamp(seconds: -1, nanoseconds: 120_000_000).rfc3339
                == "1969-12-31T23:59:59.12Z")
        #expect(Timestamp(seconds: .max).rfc3339 == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: .min).rfc3339 == "0000-01-01T00:00:00Z")
    }
}
