/// How often and how long something is tried that may succeed later: with pauses that grow, and that
/// chance shortens, so that those who wait for one thing do not come back all at once.
public struct RetryPolicy: Sendable, Hashable {
    /// Nothing is tried again once so much time has passed. 0: one attempt.
    public var timeLimitNanoseconds: UInt64
    public var firstPauseNanoseconds: UInt64
    public var longestPauseNanoseconds: UInt64
    /// By how much a pause is longer than the one before it.
    public var growthFactor: Double
    /// The share of a pause that chance may take away, 0 to 1.
    public var jitterShare: Double

    public init(
        timeLimitNanoseconds: UInt64 = 2_000_000_000,
        firstPauseNanoseconds: UInt64 = 1_000_000,
        longestPauseNanoseconds: UInt64 = 50_000_000,
        growthFactor: Double = 2,
        jitterShare: Double = 0.5
    ) {
        self.timeLimitNanoseconds = timeLimitNanoseconds
        self.firstPauseNanoseconds = firstPauseNanoseconds
        self.longestPauseNanoseconds = longestPauseNanoseconds
        self.growthFactor = growthFactor
        self.jitterShare = jitterShare
    }

    /// One attempt and no more.
    public static let never = RetryPolicy(timeLimitNanoseconds: 0)

    /// Starts the time that the attempts have.
    public func begin(_ system: any SystemCalls) -> Retries { Retries(self, system) }
}

/// The attempts at one thing, under a policy.
public struct Retries: Sendable {
    private let policy: RetryPolicy
    private let system: any SystemCalls
    private let begun: UInt64
    private var pause: Double

    init(_ policy: RetryPolicy, _ system: any SystemCalls) {
        self.policy = policy
        self.system = system
        begun = system.monotonicNanoseconds()
        pause = Double(policy.firstPauseNanoseconds)
    }

    /// Pauses before the next attempt; false, at once, when the time is up. The last pause ends with
    /// the time, so that there is an attempt at the end of it.
    public mutating func pauseBeforeNext() -> Bool {
        let passed = system.monotonicNanoseconds() &- begun
        guard passed < policy.timeLimitNanoseconds else { return false }
        let longest = min(pause, Double(policy.longestPauseNanoseconds))
        let chance = Double(system.randomBytes(1).first ?? 0) / 255
        let length = longest * (1 - min(max(policy.jitterShare, 0), 1) * chance)
        pause = longest * max(policy.growthFactor, 1)
        let rest = policy.timeLimitNanoseconds - passed
        // At least a microsecond, so that a policy without pauses is no busy loop.
        system.sleep(nanoseconds: min(rest, UInt64(max(length, 1000))))
        return true
    }
}

extension SystemCalls {
    /// Repeats a call as long as it fails with EINTR, EAGAIN or EBUSY and the policy gives time.
    /// Never for a sync: what one has failed to write, a second does not know of any more.
    public func retrying<Value>(
        _ policy: RetryPolicy, _ call: () throws(Errno) -> Value
    ) throws(Errno) -> Value {
        var retries = policy.begin(self)
        while true {
            do throws(Errno) {
                return try call()
            } catch  where error.isTransient && retries.pauseBeforeNext() {
            }
        }
    }
}
