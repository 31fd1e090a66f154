namespace GraphRewrite.Verification;

/// <summary>The same work for BEFORE and AFTER, or on two copies of one, at the same time.</summary>
internal static class Both
{
    /// <summary>Both results; of exceptions the first one's comes before the other's, and no work goes on when it comes.</summary>
    public static (T First, T Second) Of<T>(Func<T> first, Func<T> second)
    {
        var running = Task.Run(second);
        try
        {
            T one = first();
            return (one, running.GetAwaiter().GetResult());
        }
        finally
        {
            ((IAsyncResult)running).AsyncWaitHandle.WaitOne(); // also where the first fails: the process must not end while a session opens
        }
    }
}
