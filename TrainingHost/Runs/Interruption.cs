using System.Runtime.InteropServices;

namespace TrainingHost.Runs;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP: a run in its loop ends the step, saves and says how to go on; one that has nothing to save yet, or that is told
/// twice, leaves at once. The last checkpoint is whole at every moment.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int Signalled = 128;

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly TextWriter error;
    private volatile bool hasWork;

    private Interruption(TextWriter error)
    {
        this.error = error;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Hear(context, 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Hear(context, 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Hear(context, 1)),
        ];
    }

    /// <summary>Cancelled by the first signal, once there is something to save.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>128 and the signal's number: 130 for SIGINT, 143 for SIGTERM.</summary>
    public int ExitCode { get; private set; }

    public static Interruption Listen(TextWriter error) => new(error);

    /// <summary>From here on a first signal is for the run to answer.</summary>
    public void HasWork() => hasWork = true;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Hear(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        int code = Signalled + signal;
        if (!hasWork || source.IsCancellationRequested)
        {
            if (!hasWork) error.WriteLine("Stopped before the first step: nothing was trained.");
            error.Flush();
            Process.LeaveAtOnce(code);
        }
        ExitCode = code;
        source.Cancel();
        error.WriteLine("Stopping after this step; once more stops at once.");
        error.Flush();
    }

    /// <summary>No finalizers, no handlers: the runtime's threads are in the midst of a step.</summary>
    private static class Process
    {
        public static void LeaveAtOnce(int code)
        {
            if (OperatingSystem.IsWindows()) Environment.Exit(code);
            Exit(code);
        }

        [DllImport("libc", EntryPoint = "_exit")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern void Exit(int code);
    }
}
