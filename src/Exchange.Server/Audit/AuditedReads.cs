using Exchange.Catalog;
using Exchange.Server.Grpc;
using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>Runs reads that are decided again at their end, because to write the trail may take seconds.</summary>
internal static class AuditedReads
{
    private const int MostReads = 5;

    /// <summary>
    /// Runs a read and answers what it gave, when a decision of now shows the same. Another decision than the read began under is another read: it stands
    /// in the trail as one of its own, and the first as one that showed nothing.
    /// </summary>
    /// <param name="audit">The trail.</param>
    /// <param name="read">What was allowed to begin.</param>
    /// <param name="intentOf">What is written into the trail before it runs.</param>
    /// <param name="run">Reads. A refusal is told only when it still holds at the end.</param>
    /// <param name="decideAgain">The read as it is allowed now; throws when it is not.</param>
    /// <param name="showsAs">True when the second, later one shows the same.</param>
    /// <param name="moves">Told when every one of five reads showed another thing.</param>
    /// <param name="context">The call.</param>
    public static async Task<T> RunAsync<TRead, T>(
        this IReadAudit audit,
        TRead read,
        Func<TRead, ReadIntent> intentOf,
        Func<TRead, ReadAuditScope, Task<Result<T>>> run,
        Func<TRead, Task<TRead>> decideAgain,
        Func<TRead, TRead, bool> showsAs,
        Refusal moves,
        ServerCallContext context)
        where T : notnull
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var scope = (await audit.BeginAsync(intentOf(read), context.CancellationToken)).OrThrow();
            try
            {
                var result = await run(read, scope);
                var newest = await decideAgain(read);
                if (showsAs(read, newest))
                {
                    var shown = result.OrThrow();
                    await scope.CompleteAsync(StatusCode.OK);
                    return shown;
                }

                (scope.Rows, scope.Positions, scope.Owners, read) = (0, new Dictionary<int, long>(), null, newest);
                if (attempt is MostReads)
                {
                    throw moves.ToException();
                }

                await scope.CompleteAsync(StatusCode.Aborted, moves.Reason);
            }
            catch (Exception e)
            {
                await scope.FailAsync(e, context);
                throw;
            }
        }
    }
}
