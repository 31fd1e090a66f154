using System.Diagnostics;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Benchmarks;

/// <summary>Another program that does a training step for each line on its standard input, and answers with a line.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process process;
    private readonly string command;

    /// <param name="command">The program and its arguments, separated by spaces.</param>
    /// <exception cref="GraphRewriteException">It does not start.</exception>
    public PeerProcess(string command)
    {
        this.command = command;
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) throw new GraphRewriteException("--peer: the command is empty.");
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new GraphRewriteException($"--peer {command}: does not start: {e.Message}", e);
        }
    }

    /// <summary>One step.</summary>
    /// <exception cref="GraphRewriteException">The program has ended.</exception>
    public void Step()
    {
        try
        {
            process.StandardInput.WriteLine();
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended: so does its output.
        }
        if (process.StandardOutput.ReadLine() is null) throw new GraphRewriteException($"--peer {command}: ended before its step was done.");
    }

    public void Dispose()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended by itself.
        }
        process.WaitForExit();
        process.Dispose();
    }
}
