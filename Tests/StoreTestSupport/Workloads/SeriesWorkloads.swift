internal import CanIFlyStore
import StoreFiles

extension StoreWorkload {
    /// Transactions that are acknowledged when the log has them; their documents follow.
    package static let series: [StoreWorkload] = [
        series(
            "a series, published at its end", documents: ["a.json": "1", "b.json": "2"],
            transactions: [
                [write("a.json", long)], [write("a.json", "3"), write("c.json", "4")],
                [.delete(document: StorePath(unchecked: "b.json"))],
            ]),
        series(
            "a series, published after each second transaction", documents: ["a.json": "1"],
            transactions: [
                [write("folder/b.json", "[2]")],
                [.delete(document: StorePath(unchecked: "folder/b.json")), write("a.json", "[3]")],
                [write("folder/b.json", "[4]")],
            ], publishedAfter: 2),
        series(
            "a series that makes its log longer", documents: ["a.json": "1"],
            transactions: [[write("a.json", "[2]")], [write("a.json", "[3]")]],
            reservedBytes: 1024),
    ]

    private static func series(
        _ name: String, documents: [String: String], transactions: [[StoreOperation]],
        publishedAfter count: Int = 1000, reservedBytes: Int = 0
    ) -> StoreWorkload {
        var workload = StoreWorkload(
            name: name, documents: documents, preparation: [initialize],
            steps: transactions.map { apply($0) })
        workload.atOnce = { system, acknowledge in
            var limits = TransactionSeries.Limits()
            limits.transactions = count
            limits.reservedBytes = reservedBytes
            try store(on: system).withSeries(WriteOptions(command: "apply"), limits: limits) {
                (series: inout TransactionSeries) throws(StoreError) in
                for operations in transactions {
                    _ = try series.commit(operations)
                    acknowledge()
                }
            }
        }
        return workload
    }
}
