using System.Diagnostics;
using GraphRewrite.Diagnostics;

namespace TrActOnnx.Tests.Fuzz;

/// <summary>What became of mutations.</summary>
internal enum Outcome
{
    Accepted,
    Refused,

    /// <summary>Any exception but the program's own.</summary>
    Stray,
}

/// <summary>Mutations of one target, by number: the same seed and number are the same mutation.</summary>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>What the mutation is, and where it went wrong: the exception's type and the first places in this project.</summary>
    public (Outcome Outcome, string Where) One(long number)
    {
        string folder = Directory.CreateTempSubdirectory("tract-fuzz-").FullName;
        try
        {
            return (target.Run(new Random(HashOf(number)), folder) ? Outcome.Accepted : Outcome.Refused, "");
        }
        catch (GraphRewriteException)
        {
            return (Outcome.Refused, "");
        }
        catch (Exception e)
        {
            return (Outcome.Stray, Describe(e));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private int HashOf(long number)
    {
        ulong x = (ulong)number + ((ulong)seed << 40) + (ulong)target.Name.Sum(c => c * 7919);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)(x ^ (x >> 31));
    }

    private static string Describe(Exception e)
    {
        IEnumerable<string> frames = new StackTrace(e, fNeedFileInfo: true).GetFrames()
            .Select(frame => (Method: frame.GetMethod(), Line: frame.GetFileLineNumber(), File: Path.GetFileName(frame.GetFileName())))
            .Where(frame => frame.Method?.DeclaringType?.Namespace is { } space
                && (space.StartsWith("GraphRewrite", StringComparison.Ordinal) || space.StartsWith("TrainingHost", StringComparison.Ordinal)))
            .Take(3).Select(frame => $"{frame.File}:{frame.Line}");
        string message = e.Message.Split('\n')[0];
        return $"{e.GetType().Name} {string.Join(" < ", frames)} {(message.Length > 160 ? message[..160] : message)}";
    }
}
