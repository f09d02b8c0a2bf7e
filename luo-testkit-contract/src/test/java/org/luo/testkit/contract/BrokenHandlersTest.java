// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Every fault is found, by the test that is about it, and named. */
class BrokenHandlersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LeaksAnFdWhenAsked        | askingChangesNothing                    | fds left open after canPreserve",
                "MovesThePositionWhenAsked | askingChangesNothing                    | the file after canPreserve",
                "ForgetsToUndo             | unpreservingLeavesEverythingAsBefore    | fds left open after preserve"
                        + " and unpreserve",
                "ForgetsItsFdWhenItFails   | aFileThatCannotBePreservedLeavesNothing | fds left open after a preserve"
                        + " that failed",
                "TrustsItsState            | aDamagedStateIsRefusedAndNothingElse    | cut to 0 of 8 bytes must end"
                        + " with a LuoException",
                "TakesAnyFile              | otherFilesAreRefusedWithTheReason       | canPreserve of fd",
                "CountsItsFilesByFd        | theSameFileTwiceIsBusy                  | preserve of a dup()",
                "ClosesWhatIsLent          | aDamagedStateIsRefusedAndNothingElse    | closed and did not own",
                "StampsItsState            | freezingAgainSaysTheSame                | the state of an unchanged file",
                "MixesFilesUp              | manyFilesAreNotMixedUp                  | ''",
                "LeaksAThreadForEachFile   | closingTheSessionLetsGoOfTheLatestFirst | threads left after",
                "LeaksAMappingOfEachFile   | aRetrievedFileOutlivesItsPreservation   | mappings left after",
                "LeaksAnFdWhenItComesBack  | aRetrievedFileOutlivesItsPreservation   | fds left open after",
                "TakesWhatItCannotPreserve | aPreservedFileStaysUsable               | not today",
                "DisownsWhatItHasGivenBack | aFinishedFileCanBePreservedAgain        | was mine once",
                "NoLongerReadsTheOld       | everyFormatThatItReadsIsRead            | has a state for each of reads()",
            })
    void aFaultIsFoundAndNamed(String fault, String test, String message) throws ClassNotFoundException {
        Map<String, String> failures = failures(Class.forName(BrokenHandlers.class.getName() + "$" + fault), test);
        assertThat(failures).containsKey(test + "()");
        assertThat(failures.get(test + "()")).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ForgetsToUndo   | itIsPreservedWithTheFirstFileAndLetGoWithTheLast | fds left open after preserve and"
                        + " unpreserve",
                "ForgetsToFinish | itComesBackOnceAndIsFinishedWithTheLastFile      | fds left open after",
                "TrustsItsState  | aDamagedStateIsRefusedAndNothingElse             | cut to 0 of 4 bytes must be"
                        + " refused",
                "StartsAnew      | itComesBackOnceAndIsFinishedWithTheLastFile      | ''",
            })
    void aFaultOfAnFlbIsFoundAndNamed(String fault, String test, String message) throws ClassNotFoundException {
        Map<String, String> failures = failures(Class.forName(BrokenFlbs.class.getName() + "$" + fault), test);
        assertThat(failures).containsKey(test + "()");
        assertThat(failures.get(test + "()")).contains(message);
    }

    private static Map<String, String> failures(Class<?> contract, String test) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(contract, test))
                .execute()
                .testEvents()
                .failed()
                .stream()
                .collect(Collectors.toMap(
                        event -> event.getTestDescriptor().getDisplayName(), BrokenHandlersTest::message));
    }

    private static String message(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .map(String::valueOf)
                .orElse("");
    }
}
